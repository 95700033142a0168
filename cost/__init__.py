"""`make cost`: what a stage costs in AWS, from its template, counted units and dated prices.

`prices.toml` says what AWS charges, `units.toml` what is consumed: counted where a test counts it,
assumed where nothing here can measure it. The number of resources, the memory of functions and the
states on a saga's way come from the synthesized template. No free tier is taken into account.
"""
