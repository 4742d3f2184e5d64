"""Machine code runs wherever its process has memory left."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.regression

LOADED = """
import ctypes
import mmap

from antitrypsim.engine.jit import Loaded, object_code

PAGE = mmap.PAGESIZE
UNREADABLE, PRIVATE_ANONYMOUS = 0, 0x22
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


def take(size):
    return libc.mmap(None, size, UNREADABLE, PRIVATE_ANONYMOUS, -1, 0)


code = object_code(
    "define double @f(double %x) {\\n"
    "  %a = fmul double %x, 0x3FF8000000000000\\n"
    "  ret double %a\\n"
    "}\\n"
)
# One page is left free, and the next free memory lies more than 2 GB below.
size = 8 << 30
block = take(size)
while take(PAGE) > block:
    pass
libc.munmap(block + size - PAGE, PAGE)
for _ in range(3):
    loaded = Loaded(code)
    f = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(loaded.address("f"))
    assert f(2.0) == 3.0
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is taken by Linux's mmap")
def test_code_and_its_constants_load_together_in_scattered_memory():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
