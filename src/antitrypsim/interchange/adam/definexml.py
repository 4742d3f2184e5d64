"""Define-XML 2.1: exactly the data sets, variables and words that occur."""

from __future__ import annotations

from typing import Any

from antitrypsim.interchange.adam.datasetjson import longest
from antitrypsim.interchange.adam.spec import MOMENT, Dataset, Study, Variable
from antitrypsim.interchange.synthetic import SYNTHETIC

_SPACES = {
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "xlink": "http://www.w3.org/1999/xlink",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
_TYPES = {"text": "text", "integer": "integer", "float": "float"}


def define_xml(study: Study, ending: str) -> bytes:
    """Return the Define-XML of data sets that lie beside it in files with this ``ending``."""
    from xml.dom import minidom

    from odmlib import ns_registry
    from odmlib.define_2_1 import model as define

    # What odmlib has read before in this process would otherwise decide the namespaces of this.
    ns_registry.NamespaceRegistry(
        prefix="odm", uri="http://www.cdisc.org/ns/odm/v1.3", is_default=True, is_reset=True
    )
    for prefix, uri in _SPACES.items():
        ns_registry.NamespaceRegistry(prefix=prefix, uri=uri)

    version = define.MetaDataVersion(
        OID=f"MDV.{study.oid}", Name=f"{study.id} data sets", Description=SYNTHETIC,
        DefineVersion="2.1.0",
    )  # fmt: skip
    version.Standards = define.Standards()
    version.Standards.Standard = [
        define.Standard(OID="STD.ADAMIG", Name="ADaMIG", Type="IG", Version="1.1", Status="Final")
    ]
    for found in study.datasets:
        version.ItemGroupDef.append(_group(define, found, ending))
        for variable in found.variables:
            version.ItemDef.append(_item(define, found, variable))
            if variable.listed and any(found.frame[variable.name]):
                version.CodeList.append(_words(define, study, found, variable))
            if variable.how:
                version.MethodDef.append(_method(define, found, variable))
    told = define.Study(OID=study.oid)
    told.GlobalVariables = define.GlobalVariables()
    told.GlobalVariables.StudyName = define.StudyName(_content=study.id)
    told.GlobalVariables.StudyDescription = define.StudyDescription(
        _content=" ".join((f"{SYNTHETIC}.", f"{study.title}.", *study.notices))
    )
    told.GlobalVariables.ProtocolName = define.ProtocolName(_content=study.id)
    told.MetaDataVersion = version
    root = define.ODM(
        FileOID=study.oid, FileType="Snapshot", ODMVersion="1.3.2", CreationDateTime=MOMENT,
        Originator=f"Antitrypsim. {SYNTHETIC}", Context="Other",
    )  # fmt: skip
    root.Study = told
    return minidom.parseString(root.to_xml_string()).toprettyxml(indent=" ", encoding="UTF-8")


def _group(define: Any, found: Dataset, ending: str) -> Any:
    group = define.ItemGroupDef(
        OID=f"IG.{found.name}", Name=found.name, SASDatasetName=found.name,
        Repeating="No" if found.name == "ADSL" else "Yes", IsReferenceData="No",
        Purpose="Analysis", Structure=found.structure, StandardOID="STD.ADAMIG",
        ArchiveLocationID=f"LF.{found.name}",
    )  # fmt: skip
    group.Description = _description(define, found.label)
    for k, variable in enumerate(found.variables):
        more: dict[str, str | int] = {}
        if variable.how:
            more["MethodOID"] = _method_id(found, variable)
        if variable.name in found.keys:
            more["KeySequence"] = found.keys.index(variable.name) + 1
        group.ItemRef.append(
            define.ItemRef(
                ItemOID=f"IT.{found.name}.{variable.name}", OrderNumber=k + 1,
                Mandatory="Yes" if variable.name in found.keys else "No", **more,
            )
        )  # fmt: skip
    group.Class = define.Class(Name=found.kind)
    file = f"{found.name.lower()}{ending}"
    group.leaf = define.leaf(ID=f"LF.{found.name}", href=file)
    group.leaf.title = define.title(_content=file)
    return group


def _item(define: Any, found: Dataset, variable: Variable) -> Any:
    more: dict[str, int] = {}
    if variable.kind == "text":
        more["Length"] = longest(found, variable.name)
    elif variable.kind == "integer":
        sizes = [len(str(v)) for v in found.values(variable.name) if v is not None]
        more["Length"] = max(sizes, default=1)
    item = define.ItemDef(
        OID=f"IT.{found.name}.{variable.name}", Name=variable.name, SASFieldName=variable.name,
        DataType=_TYPES[variable.kind], **more,
    )  # fmt: skip
    item.Description = _description(define, variable.label)
    if variable.listed and any(found.frame[variable.name]):
        item.CodeListRef = define.CodeListRef(CodeListOID=_words_id(found, variable))
    item.Origin = [define.Origin(Type=variable.origin, Source="Sponsor")]
    return item


def _words(define: Any, study: Study, found: Dataset, variable: Variable) -> Any:
    listed = define.CodeList(
        OID=_words_id(found, variable), Name=f"{found.name} {variable.name}", DataType="text",
        IsNonStandard="Yes",
    )  # fmt: skip
    for word in sorted({value for value in found.frame[variable.name] if value}):
        if variable.name in ("ARM", "TRTP", "TRT01P", "TRT01A"):
            item = define.CodeListItem(CodedValue=word)
            item.Decode = define.Decode()
            item.Decode.TranslatedText = [_english(define, study.arms[word])]
            listed.CodeListItem.append(item)
        else:
            listed.EnumeratedItem.append(define.EnumeratedItem(CodedValue=word))
    return listed


def _method(define: Any, found: Dataset, variable: Variable) -> Any:
    method = define.MethodDef(
        OID=_method_id(found, variable), Name=f"Derivation of {found.name}.{variable.name}",
        Type="Computation",
    )  # fmt: skip
    method.Description = _description(define, variable.how)
    return method


def _words_id(found: Dataset, variable: Variable) -> str:
    return f"CL.{found.name}.{variable.name}"


def _method_id(found: Dataset, variable: Variable) -> str:
    return f"MT.{found.name}.{variable.name}"


def _description(define: Any, text: str) -> Any:
    description = define.Description()
    description.TranslatedText = [_english(define, text)]
    return description


def _english(define: Any, text: str) -> Any:
    return define.TranslatedText(_content=text, lang="en")
