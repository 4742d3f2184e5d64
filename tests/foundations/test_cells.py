"""Tables of commas whose cells do not stand under their names are refused before anything reads them."""

import pytest

from antitrypsim.foundations.cells import check_cells
from antitrypsim.foundations.errors import InputError

pytestmark = pytest.mark.contract


@pytest.mark.parametrize(
    "text",
    ["A,B\n1,2\n", 'A,B\n"1,5",2\n', 'A,B\n"1\n2",3\n', "A\n1\n", "A,B\n1,2\n\n", ",A\n1,2\n", "A,B\n"],
)  # fmt: skip
def test_a_table_passes(text) -> None:
    check_cells(text.splitlines(keepends=True))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is no table"),
        ("A,B\n1,2,3\n", "row 1 has 3 cells, and there are 2 columns"),
        ('A,B\n1,2\n"1",2,3\n', "line 3: row 2 has 3 cells"),
        ("A,B\n1,2,\n", "row 1 has 3 cells"),
        ("A,B\n1\n", "row 1 has 1 cells"),
        ("A,B,a\n1,2,3\n", "'a': the column is there twice"),
        ("A;B\n1;2\n", "separated by semicolons"),
        ("A\tB\n1\t2\n", "separated by tabs"),
        ("A B\n1 2\n", "separated by spaces"),
        ('A,B\n"1,2\n', "this is not a table of commas"),
    ],
)
def test_what_would_be_read_wrongly_is_one_sentence(text, said) -> None:
    with pytest.raises(InputError) as caught:
        check_cells(text.splitlines(keepends=True))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
