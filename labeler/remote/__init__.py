"""What lies elsewhere, in a bucket or on a website: which places may be asked, what is there, how it is fetched."""
