"""What benchmarks are built from: a filled town, the bare app, web servers, timed slots."""
