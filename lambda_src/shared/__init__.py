"""What every pipeline's functions use; imports nothing of ours."""

import gc
import os

# Each package of ours says so: no text of its own errors names a person, see logs.cause_of.
ERROR_TEXTS_MAY_BE_LOGGED = True

# Nothing that a start makes is garbage, and looking for some is a seventh of its CPU.
# settings.at_start ends the pause.
if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    gc.disable()
