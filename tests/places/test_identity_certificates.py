"""Certificates are made out by the pupil's own school (I2, R129, R130)."""

from __future__ import annotations

import pytest

from portal.models import Pupil, Step, db
from portal.rules.roles import Role
from portal.services import identity_certificates
from portal.services.refusals import NotFound
from tests.make import Make


def test_no_school_certifies_a_pupil_of_another(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """R86: a foreign pupil among own ones is found by nobody, and nothing is printed."""
    pages: list[object] = []
    monkeypatch.setattr(identity_certificates, "print_certificates", lambda made, _out: pages.extend(made))
    registrar = make.actor(Role.REGISTRAR, make.school())
    own = make.pupil(id_doc_type="Z", id_number="")
    foreign = make.pupil(make.class_(make.school("2199000002", "试验市第二小学")), id_doc_type="Z", id_number="")

    def print_for(*chosen: Pupil) -> None:
        identity_certificates.print_for(registrar, identity_certificates.NO_ID, [one.id for one in chosen])

    for chosen in ([foreign], [own, foreign]):
        with pytest.raises(NotFound):
            print_for(*chosen)
    assert not pages
    print_for(own)
    assert len(pages) == 1
    assert [one.thing_id for one in db.session.query(Step).filter_by(move="PRINT_CERTIFICATE")] == [own.id]
