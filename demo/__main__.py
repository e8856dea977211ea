"""`python -m demo` fills the database with the sample data."""

import os
from pathlib import Path

from flask.cli import ScriptInfo

from demo import refuse_production
from demo.seed import seed

refuse_production()
app = ScriptInfo(app_import_path="app").load_app()
with app.app_context():
    seed(app, os.environ["DEMO_IDP_URL"], Path(os.environ["DEMO_KEY_FOLDER"]))
