"""NFC badges through nfcpy: link and UID rules here, one opener per way to reach a chip."""
