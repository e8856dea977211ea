"""The SAML service provider over pysaml2: no HTTP, no provisioning. `docs/saml.md` says what it requires."""

import logging
import warnings

# pysaml2's log lines hold whole documents, with people's names in them; its exceptions, too, are never logged.
logging.getLogger("saml2").setLevel(logging.CRITICAL + 1)
# It names a cipher that we never use, in its new place's old name; nothing here can act on the warning.
warnings.filterwarnings("ignore", module=r"saml2\.cryptography\.symmetric")
