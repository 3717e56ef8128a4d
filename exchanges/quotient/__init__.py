"""API Particulier v3: the quotient familial of the CAF and the MSA, and what EAJE fees rest on (CAF notes §4.2)."""
