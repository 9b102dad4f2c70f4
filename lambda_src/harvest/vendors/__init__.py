"""The vendors, a file each; a new one is named here."""

from harvest.vendor import Vendor
from harvest.vendors.monitor import Monitor
from shared.settings import SettingsError

VENDORS: dict[str, Vendor] = {"monitor": Monitor()}


def named(name: str) -> Vendor:
    """The vendor of this name. Raises SettingsError."""
    if name not in VENDORS:
        raise SettingsError(f"VENDOR: there is no vendor {name}, but {', '.join(sorted(VENDORS))}")
    return VENDORS[name]
