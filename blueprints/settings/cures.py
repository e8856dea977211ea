"""What to do at the identity provider, or here, when a check of a test sign-in failed; by the name of the check."""

from __future__ import annotations

CURES: dict[str, str] = {
    "form": "Let your identity provider answer by HTTP-POST to the ACS URL, and not compress the answer.",
    "text": "The answer is no plain SAML document. If a proxy in between changes answers, let it leave this one alone.",
    "shape": "Read the words of your identity provider beside this check; often the person is not assigned to the app.",
    "decrypt": "Give your identity provider our metadata again: it encrypts for a key that is not ours any more.",
    "signature": "Compare the certificate on the set-up page with the one your identity provider signs with, and let "
    "it sign with SHA-256 or longer.",
    "issuer": "The entity ID here differs from the one your identity provider sends, or its ACS URL is not this "
    "connection's. Copy both again.",
    "subject": "Enter the ACS URL of this connection as recipient too, and compare the clocks.",
    "request": "Start the test here, in this browser, and finish it within ten minutes.",
    "conditions": "Enter our entity ID as the audience, and compare the clocks.",
    "subject_key": "Choose persistent or e-mail address as the NameID format.",
    "email": "Send one e-mail address, as the attribute “email”, or choose the attribute below.",
    "pysaml2": "The answer does not follow the SAML standard. Tell support the reference.",
    "once": "Start the test again: this answer came before.",
}
