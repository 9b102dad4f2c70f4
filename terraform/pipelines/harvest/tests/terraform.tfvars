# A zip for each function, in every test here.
packages = {
  harvest-start = { path = "harvest-start.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  harvest-pace  = { path = "harvest-pace.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  harvest-work  = { path = "harvest-work.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  harvest-store = { path = "harvest-store.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  harvest-runs  = { path = "harvest-runs.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
}

# And one pipeline, which a test changes where it says so.
name = "sluice-test-harvest"
vendor = {
  name       = "monitor"
  url        = "https://api.example.com"
  account    = "main"
  secret_arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sluice-test-harvest-token"
  limits     = [{ calls = 1000, seconds = 60 }]
}
api = { anonymous = true }
