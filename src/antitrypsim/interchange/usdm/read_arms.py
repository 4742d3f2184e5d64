"""The arms of a study and what each receives in each epoch."""

from __future__ import annotations

from collections.abc import Mapping

from antitrypsim.foundations.errors import shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.interchange.usdm.codes import own_code
from antitrypsim.interchange.usdm.kin import kin_product
from antitrypsim.interchange.usdm.links import by_id
from antitrypsim.interchange.usdm.model import StudyDesign, StudyIntervention, StudyVersion
from antitrypsim.interchange.usdm.reading import Reading, plain_text
from antitrypsim.interchange.usdm.treatment import delivery_of
from antitrypsim.protocols.delivery import known_doses


def read_arms(
    version: StudyVersion,
    design: StudyDesign,
    names: list[str],
    epochs: Mapping[str, str],
    found: Reading,
) -> None:
    """Put the arms into ``found``; ``names`` are their ids here, ``epochs`` those of epochs by theirs."""
    elements = by_id(design.elements)
    interventions = by_id(version.study_interventions)
    given: dict[tuple[str, str], list[StudyIntervention]] = {}
    used: set[str] = set()
    for cell in design.study_cells:
        for element in cell.element_ids:
            if element not in elements:
                found.pass_over(f"element '{shown(element)}' of a cell: the file does not have it")
                continue
            for name in elements[element].study_intervention_ids:
                used.add(name)
                if name in interventions:
                    given.setdefault((cell.arm_id, cell.epoch_id), []).append(interventions[name])
                else:
                    found.pass_over(f"intervention '{shown(name)}': the file does not have it")
    made: list[Plain] = []
    for k, (arm, name) in enumerate(zip(design.arms, names, strict=True)):
        data: Plain = {"id": name, "title": plain_text(arm.words) or name}
        found.homes[("arms", k)] = arm
        treatment: Plain = {}
        for theirs, ours in epochs.items():
            for intervention in given.get((arm.id, theirs), []):
                place = treatment.setdefault(ours, [])
                _administer(intervention, place, ("arms", k, "treatment", ours), name, found)
        if treatment := {epoch: each for epoch, each in treatment.items() if each}:
            data["treatment"] = treatment
        made.append(data)
    found.data["arms"] = made
    for intervention in version.study_interventions:
        if intervention.id not in used:
            _loose(intervention, found)


def _loose(intervention: StudyIntervention, found: Reading) -> None:
    """Ask who receives what no element of the file names."""
    who = shown(intervention.words)
    for one in intervention.administrations:
        delivery, _ = delivery_of(intervention, one)
        told = ", ".join(
            f"{key}: {'[' + ', '.join(value) + ']' if isinstance(value, list) else value}"
            for key, value in delivery.items()
        )
        found.ask(
            "arms",
            f"the file does not say which arm receives '{shown(one.words)}' of '{who}' in which epoch; "
            f"put '- {{{plain_text(told)}}}' where it belongs",
        )
    if not intervention.administrations:
        found.ask("arms", f"the file does not say how '{who}' is given, nor which arm receives it")
    if hint := _no_product(intervention):
        found.ask("arms", hint)


def _administer(
    intervention: StudyIntervention,
    place: list[Plain],
    path: tuple[str | int, ...],
    arm: str,
    found: Reading,
) -> None:
    given = intervention.administrations
    if not given:
        found.ask("arms", f"'{shown(intervention.words)}' has no administration; how is it given?")
    if len(given) > 1:
        told = ", ".join(f"'{shown(each.words)}'" for each in given)
        found.ask(
            "arms",
            f"'{shown(intervention.words)}' is given as {told}; which of them does '{arm}' receive? "
            "all stand in it now",
        )
    for one in given:
        delivery, gaps = delivery_of(intervention, one)
        for gap in gaps:
            found.ask("arms", gap)
        if hint := _no_product(intervention):
            found.ask("arms", hint)
        found.homes[(*path, len(place))] = one
        place.append(delivery)


def _no_product(intervention: StudyIntervention) -> str:
    """Return what to ask of a product that the model does not have; nothing for one that it has."""
    product = own_code(intervention.codes) or intervention.name
    if any(dose.product == product for dose in known_doses().values()):
        return ""
    codes = " ".join(code.decode for code in intervention.codes)
    near = kin_product(f"{product} {intervention.words} {codes}")
    return (
        f"'{shown(product)}' is no product of the model{near}; what stands for it? 'antitrypsim "
        "explain' lists them"
    )
