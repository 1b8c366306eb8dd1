"""A cluster of this machine over TLS, for tests: its certificates, its scheduler, its workers under nannies."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificates(folder: Path) -> dict[str, Path]:
    """An authority of its own, and one certificate with its key, in a new folder: `ca`, `certificate`, `key`."""
    folder.mkdir()
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    us, them = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("authority", "this machine"))
    kind, plain, pem = serialization.PrivateFormat.PKCS8, serialization.NoEncryption(), serialization.Encoding.PEM
    held = {
        "ca": _signed(us, us, authority.public_key(), authority, is_authority=True).public_bytes(pem),
        "certificate": _signed(them, us, key.public_key(), authority, is_authority=False).public_bytes(pem),
        "key": key.private_bytes(pem, kind, plain),
    }
    for name, content in held.items():
        (folder / f"{name}.pem").write_bytes(content)
    return {name: folder / f"{name}.pem" for name in held}


def _signed(subject, issuer, public, signer, *, is_authority):
    began = datetime.now(UTC) - timedelta(minutes=5)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


@contextmanager
def local_cluster(files: dict[str, Path], workers: int = 2, **more):
    """A scheduler and so many workers, each a process that its nanny replaces when it dies."""
    from distributed import LocalCluster
    from distributed.security import Security

    sides = {
        f"tls_{side}_{kind}": str(files[name])
        for side in ("client", "scheduler", "worker")
        for kind, name in (("cert", "certificate"), ("key", "key"))
    }
    security = Security(tls_ca_file=str(files["ca"]), require_encryption=True, **sides)
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, security=security, protocol="tls://",
        host="127.0.0.1", dashboard_address="127.0.0.1:0", memory_limit=0, **more,
    ) as cluster:  # fmt: skip
        yield cluster
