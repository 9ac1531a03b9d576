"""The samples for reverse proxies: what they must pass on, and that the programs take them where they are."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.platform.services import ROOT, program

NGINX = ROOT / "deploy" / "nginx.conf"
CADDY = ROOT / "deploy" / "Caddyfile"


def test_nginx_passes_on_the_host_how_and_from_where_the_visitor_came():
    text = NGINX.read_text()
    for header in ("Host $host", "X-Forwarded-Proto $scheme", "X-Forwarded-For $proxy_add_x_forwarded_for"):
        assert f"proxy_set_header {header};" in text


@pytest.mark.parametrize("path", [NGINX, CADDY], ids=lambda path: path.name)
def test_a_file_as_large_as_an_import_may_be_passes(path):
    assert "100m" in path.read_text().lower()


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody trusts: the program only looks whether it is one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "retour.example.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "chain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder / "chain.pem", folder / "key.pem"


@pytest.mark.server
def test_nginx_takes_its_sample(tmp_path):
    nginx = program(shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin"))
    chain, key = write_certificate(tmp_path)
    place = "/etc/letsencrypt/live/retour.example.com"
    sample = NGINX.read_text().replace(f"{place}/fullchain.pem", str(chain)).replace(f"{place}/privkey.pem", str(key))
    (tmp_path / "retour.conf").write_text(sample)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {tmp_path}/retour.conf; }}"
    )
    check = [nginx, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    result = subprocess.run(check, capture_output=True, text=True)
    assert "syntax is ok" in result.stderr, result.stderr  # then it tries its own folders, which may be missing here


@pytest.mark.server
def test_caddy_takes_its_sample(tmp_path):
    caddy = program(shutil.which("caddy"))
    check = [caddy, "validate", "--adapter", "caddyfile", "--config", str(CADDY)]
    result = subprocess.run(check, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    assert result.returncode == 0, result.stderr
