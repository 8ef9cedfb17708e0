"""Items that two classes fit equally well."""
