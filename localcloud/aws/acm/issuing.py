"""Issues certificates once their validation records exist, renews and expires them.

docs.aws.amazon.com/acm/latest/userguide: dns-validation.html (72 hours), managed-renewal.html and
dns-renewal-validation.html. Since February 2026 public certificates are valid for 198 days and are
renewed 45 days before they expire. CertificateReconciler (localcloud/certificates.py) calls it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509

from localcloud.aws.acm_backend import ISSUED, Record, everywhere, validation_record
from localcloud.pki import Authority

Published = Mapping[str, str]  # the CNAME records that resolve: lower-case names with a last dot
VALIDITY = timedelta(days=198)
RENEWAL = timedelta(days=45)  # before the end
PATIENCE = timedelta(hours=72)


def converge(published: Published, authority: Authority, now: datetime) -> bool:
    """Do what is due; returns whether a certificate changed."""
    records = [record for backend in everywhere() for record in backend.records.values()]
    return any([_advance(record, published, authority, now) for record in records])


def _advance(record: Record, published: Published, authority: Authority, now: datetime) -> bool:
    before = record.status, record.validated, record.renewal, record.certificate
    if record.status == "PENDING_VALIDATION":
        _validate(record, published)
        if record.validated == set(record.names):
            _issue(record, authority, now)
        elif now - record.created >= PATIENCE:
            record.status = "VALIDATION_TIMED_OUT"
    elif record.status == ISSUED:
        _renew(record, published, authority, now)
    return before != (record.status, record.validated, record.renewal, record.certificate)


def _validate(record: Record, published: Published) -> None:
    cnames = {name: validation_record(name) for name in record.names}
    record.validated = frozenset(
        name for name, (owner, value) in cnames.items() if published.get(owner) == value
    )


def _issue(record: Record, authority: Authority, now: datetime) -> None:
    now = now.replace(microsecond=0)  # certificates have whole seconds
    issued = authority.issue(
        record.names[0], record.names, key_type=record.algorithm, begin=now, lifetime=VALIDITY
    )
    record.certificate, record.key = issued.certificate, issued.key
    record.chain, record.status = authority.certificate, ISSUED
    record.issued = record.issued or now


def _renew(record: Record, published: Published, authority: Authority, now: datetime) -> None:
    """A certificate in use is renewed under its ARN while its validation records exist."""
    end = parsed(record).not_valid_after_utc
    if now >= end:
        record.status = "EXPIRED"
        record.renewal = "FAILED" if record.renewal == "PENDING_VALIDATION" else record.renewal
        return
    if record.type != "AMAZON_ISSUED" or now < end - RENEWAL or not record.in_use_by:
        return
    _validate(record, published)
    if record.validated == set(record.names):
        _issue(record, authority, now)
        record.renewal, record.renewed = "SUCCESS", now
    elif record.renewal != "PENDING_VALIDATION":
        record.renewal, record.renewed = "PENDING_VALIDATION", now


def parsed(record: Record) -> x509.Certificate:
    """The certificate of a record that is issued or imported."""
    return x509.load_pem_x509_certificate(record.certificate.encode())
