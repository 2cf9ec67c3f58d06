"""Every athlete on every course, through Dask."""
