"""A tiny OpenID Connect provider on this machine: it answers over HTTP and signs what it says."""

import base64
import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "retour", "a secret of the tests"
CODE, ACCESS_TOKEN = "one-time-code", "access-token"


class Provider:
    """What it says about whoever signs in stands in `claims`; what it was asked stands in `asked`."""

    def __init__(self) -> None:
        self.claims = {"sub": "subject-1", "email": "person@example.com", "email_verified": True}
        self.asked: list[str] = []
        self.challenge = ""
        self.address = ""
        self.audience = CLIENT_ID
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def configuration(self) -> dict:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [key | {"kid": "1", "use": "sig", "alg": "RS256"}]}

    def id_token(self) -> str:
        now = int(time.time())
        said = {"iss": self.address, "aud": self.audience, "iat": now, "exp": now + 300, **self.claims}
        return jwt.encode(said, self.key, algorithm="RS256", headers={"kid": "1"})

    def token(self, form: dict[str, str]) -> dict | None:
        """The answer to a one-time code, for the right client with the right verifier (PKCE) alone."""
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        is_right = base64.urlsafe_b64encode(verifier).decode().rstrip("=") == self.challenge
        if not is_right or (form.get("code"), form.get("client_secret")) != (CODE, CLIENT_SECRET):
            return None
        return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300, "id_token": self.id_token()}

    def answer(self, path: str, form: dict[str, str], bearer: str) -> dict | None:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return self.configuration()
        if path == "/keys":
            return self.keys()
        if path == "/token":
            return self.token(form)
        if path == "/userinfo" and bearer == f"Bearer {ACCESS_TOKEN}":
            return self.claims
        return None


@contextlib.contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.reply({name: values[0] for name, values in parse_qs(body).items()})

        def reply(self, form: dict[str, str]) -> None:
            said = provider.answer(urlsplit(self.path).path, form, self.headers.get("Authorization", ""))
            body = json.dumps(said or {"error": "invalid_request"}).encode()
            self.send_response(200 if said else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
