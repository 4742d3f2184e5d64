"""Broken, hostile and half-valid studies: one sentence each, with its place, in bounded time and memory."""

import json
import re

import pytest

from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.usdm import draft_of, export_usdm, import_usdm
from tests.interchange.usdm.made import changed, design, study, timeline, timing

pytestmark = pytest.mark.contract

TEXT = json.dumps(study())
HEAD = b'{"usdmVersion":"4.0.0","study":'

FILES = {
    "empty": (b"", "the file is empty"),
    "broken off between": (TEXT[: TEXT.index('"epochs"')].encode(), "the file breaks off before its end"),
    "broken off in a word": (TEXT[: TEXT.index("emphysema")].encode(), "the file breaks off before its end"),
    "no JSON": (b"antitrypsim: 1", "this is not JSON"),
    "a list": (b"[]", "this is not a study definition"),
    "something else": (b'{"a": 1}', "this is not a study definition; a USDM file holds 'study' and 'usdmVersion'"),
    "a protocol": (b'{"antitrypsim": 1}', "this is a protocol, not a USDM study definition"),
    "USDM 1": (b'{"clinicalStudy": {}}', "a study of USDM 1"),
    "USDM 3": (TEXT.replace("4.0.0", "3.0.0").encode(), "this is USDM version 3.0.0"),
    "no version": (TEXT.replace('"4.0.0"', "4").encode(), "this is USDM version 4;"),
    "UTF-16": (TEXT.encode("utf-16"), "byte 1 is not UTF-8"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "the file is binary or UTF-16"),
    "Latin-1": ('{"study": "é"}'.encode("latin-1"), "byte 12 is not UTF-8"),
    "packed": (b"\x1f\x8b\x08", "packed by gzip; unpack it first"),
    "zipped": (b"PK\x03\x04", "packed by zip; unpack it first"),
    "50 MB": (b" " * 50_000_000, "larger than 10,000,000 bytes"),
    "deep": (b"[" * 200_000, "nested too deeply"),
    "many parts": (HEAD + b"[" + b"[]," * 600_000 + b"[]]}", "more than 500,000 parts"),
    "a long number": (HEAD + b"9" * 5_000_000 + b"}", "a number of 5,000,000 digits"),
    "a long word": (HEAD + b'"' + b'\\"' * 2_000_000 + b'"}', "is not an object"),
    "no number": (TEXT.replace('"value": 60', '"value": NaN', 1).encode(), "'NaN' is no number of JSON"),
    "beyond numbers": (TEXT.replace('"value": 60', '"value": 1e999', 1).encode(), "'inf' is not a number"),
    "a key twice": (b'{"study": 1, "study": 2}', "the key 'study' is given twice in one object"),
    "half a character": (TEXT.replace("AAT 7", "\\ud800").encode(), "half a character"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path, case):
    raw, words = FILES[case]
    file = tmp_path / "study.json"
    file.write_bytes(raw)
    with pytest.raises(InputError, match=re.escape(words)) as told:
        import_usdm(file)
    assert told.value.path == str(file)
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="the file cannot be read: no such file"):
        import_usdm(tmp_path / "none.json")
    with pytest.raises(InputError, match="the file cannot be read: is a directory"):
        import_usdm(tmp_path)


def test_a_mark_of_utf_8_before_the_text_is_no_fault(tmp_path):
    file = tmp_path / "study.json"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert import_usdm(file).counts["arms"] == 2


PLACE = "study.versions[0].studyDesigns[0]"
CASES = {
    "a null arm": (lambda d: design(d)["arms"].__setitem__(1, None), f"'{PLACE}.arms[1]': it is null"),
    "no arms": (lambda d: design(d).update(arms=[]), f"'{PLACE}.arms': it is empty"),
    "arms in words": (lambda d: design(d).update(arms="two"), "'two' is not a list"),
    "an arm in words": (lambda d: design(d).update(arms=["two"]), "'two' is not an object"),
    "an arm without a name": (lambda d: design(d)["arms"][0].pop("name"), f"'{PLACE}.arms[0].name': it is missing"),
    "an arm with an empty name": (lambda d: design(d)["arms"][0].update(name=""), f"'{PLACE}.arms[0].name': it is empty"),
    "a number for a name": (lambda d: design(d)["arms"][0].update(name=1), "'1' is not text"),
    "text for a number": (
        lambda d: d["study"]["versions"][0]["studyInterventions"][0]["administrations"][0]["dose"].update(value="60"),
        "'60' is not a number"),
    "text for yes": (lambda d: timeline(d).update(mainTimeline="yes"), "'yes' is not true or false"),
    "another kind of design": (lambda d: design(d).update(instanceType="Design"), "'Design' is not one of"),
    "an id twice": (lambda d: design(d)["arms"][1].update(id="A1"), "two objects of class StudyArm have the id 'A1'"),
    "epochs in a circle": (lambda d: design(d)["epochs"][1].update(nextId="E1"),
                           "the epochs, by nextId, go round in a circle (E1 -> E2 -> E1)"),
    "epochs backwards in a circle": (lambda d: design(d)["epochs"][0].update(previousId="E2"), "by previousId"),
    "an encounter after itself": (lambda d: design(d)["encounters"][0].update(nextId="N0"), "(N0 -> N0)"),
    "activities in a circle": (lambda d: design(d)["activities"][0].update(childIds=["Y1"]),
                               "activities and their children go round in a circle"),
    "timelines in a circle": (lambda d: timeline(d)["instances"][0].update(timelineId="TL1"),
                              "timelines that call one another go round in a circle (TL1 -> TL1)"),
    "a timeline of its own activity": (lambda d: design(d)["activities"][0].update(timelineId="TL1"), "timelines that call"),
    "timings in a circle": (lambda d: timeline(d)["timings"].__setitem__(2, timing("t2", "P_w4", "P_w12", "P1D")),
                            "relative to, go round in a circle (P_w4 -> P_w12 -> P_w4)"),
    "no duration": (lambda d: timeline(d)["timings"][2].update(value="four weeks"),
                    "'value': timing 't2': 'four weeks' is no ISO 8601 duration"),
    "no window": (lambda d: timeline(d)["timings"][2].update(windowLower="-2"),
                  "'windowLower': timing 't2': '-2' is no ISO 8601 duration"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_study_that_cannot_be_is_refused_with_its_place(case):
    change, words = CASES[case]
    with pytest.raises(InputError, match=re.escape(words)) as told:
        draft_of(changed(change), "study.json")
    assert str(told.value).startswith("study.json: ")
    assert "\n" not in str(told.value)


def test_a_broken_extension_of_ours_is_refused():
    text, _ = export_usdm("rapid")
    spelled = json.loads(export_usdm("vesicles-escalation")[0])
    with pytest.raises(InputError, match="holds no value that this software wrote; delete it"):
        draft_of(text.replace('"valueString": "[{', '"valueString": "[{{', 1))
    for node in walk(spelled):
        if "spelled#" in str(node.get("url")):
            node["valueString"] = "1"
    with pytest.raises(InputError, match="holds no value that this software wrote; delete it"):
        draft_of(json.dumps(spelled))


def walk(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def test_an_extension_of_what_is_gone_is_told():
    data = json.loads(export_usdm("rapid")[0])
    for node in walk(data):
        for one in node.get("extensionAttributes", []):
            if one["url"].endswith("#role"):
                one["url"] = one["url"].replace("#role", "#arms/7/title")
    assert any(
        "what it belonged to is gone" in line for line in draft_of(json.dumps(data)).loss.left_out
    )


def test_words_that_move_a_terminal_or_begin_a_line_stay_in_theirs():
    bad = "x\n- y: \u001b[31m # \u202e'\"{"

    def change(data):
        for node in walk(data):
            for key in ("name", "label", "text"):
                if isinstance(node.get(key), str):
                    node[key] += bad

    draft = draft_of(changed(change))
    text = draft.text()
    assert "\u001b" not in text + draft.loss.text()
    assert "\u202e" not in text + draft.loss.text()
    from ruamel.yaml import YAML

    assert YAML(typ="safe", pure=True).load(text) == draft.data


def test_thousands_of_visits_in_one_chain_are_read():
    def change(data):
        for k in range(1500):
            timeline(data)["instances"].append(
                {
                    "id": f"p{k}",
                    "name": f"p{k}",
                    "encounterId": "N3",
                    "instanceType": "ScheduledActivityInstance",
                }
            )
            timeline(data)["timings"].append(
                timing(f"c{k}", f"p{k}", f"p{k - 1}" if k else "P_w12", "P1D")
            )

    found = draft_of(changed(change)).data["visits"]
    assert len(found) == 1503
    assert found[-1]["time"] == "1583.9375 days"


def run(capsys, *arguments):
    code = main([str(each) for each in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_commands_write_and_tell(tmp_path, capsys):
    file, draft = tmp_path / "rapid.json", tmp_path / "rapid.yaml"
    code, out, err = run(capsys, "export", "usdm", "rapid", "--out", file)
    assert (code, err) == (0, "")
    assert "Carried in an extension" in out
    assert "endpoints.primary.analysis" in out
    assert f"Written: {file}" in out
    assert file.read_text("utf-8") == export_usdm("rapid")[0]
    code, out, err = run(capsys, "import", "usdm", file, "--out", draft)
    assert (code, err) == (0, "")
    assert "The file has: arms 2, epochs 1, encounters 5" in out
    assert "Nothing is left to ask" in out
    assert run(capsys, "protocol", "check", draft)[0] == 0
    code, out, err = run(capsys, "export", "usdm", "rapid", "--plain")
    assert code == 0
    assert out == export_usdm("rapid", extensions=False)[0]
    assert "published: USDM has no attribute for it" in err


def test_a_foreign_study_is_drafted_from_the_command_line(tmp_path, capsys):
    file = tmp_path / "study.json"
    file.write_text(TEXT)
    code, out, err = run(capsys, "import", "usdm", file)
    assert code == 0
    assert out == import_usdm(file).text()
    assert "to answer, each a '# TODO' line" in err


def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, capsys):
    out = tmp_path / "out.json"
    (tmp_path / "bad.json").write_text("{")
    for words, *arguments in (
        ("no protocol 'nothing'", "export", "usdm", "nothing", "--out", out),
        ("the file cannot be read", "import", "usdm", tmp_path / "none.json", "--out", out),
        ("the file breaks off", "import", "usdm", tmp_path / "bad.json", "--out", out),
        ("there is no folder", "export", "usdm", "rapid", "--out", tmp_path / "none" / "x.json"),
        (
            "would overwrite it",
            "import",
            "usdm",
            tmp_path / "bad.json",
            "--out",
            tmp_path / "bad.json",
        ),
        ("'antitrypsim import usdm' takes", "protocol", "check", write(tmp_path / "u.json", TEXT)),
    ):
        code, told, err = run(capsys, *arguments)
        assert (code, told) == (2, ""), arguments
        assert words in err
        assert err.count("\n") == 1
    assert not out.exists()


def write(file, text):
    file.write_text(text)
    return file
