# Planned with the attached provider: the voting page, with an address of the API that AWS draws and
# with one that is told. (Without a page: the plans of the environments.)

provider "aws" {
  region = "us-east-1"
}

variables {
  name     = "sluice-test-votes"
  voting   = { aspects = ["overall"] }
  counting = { shards = 4 }
  api = {
    throttle = { rate = 8, burst = 16 }
    origins  = ["https://film.example.com"]
    jwt      = { issuer = "https://login.example.com", audience = ["votes"] }
  }
  website = {
    domain = {
      name            = "vote.example.com"
      certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
    }
  }
}

run "an_api_whose_address_aws_draws" {
  command = plan

  assert {
    condition     = output.website.url == "https://vote.example.com"
    error_message = "The page has its domain's address."
  }
  assert {
    condition     = local.cors.origins == tolist(["https://film.example.com", "https://vote.example.com"])
    error_message = "The API lets the page in, beside whom it let in."
  }
}

run "an_api_of_a_domain" {
  command = plan
  variables {
    api = {
      throttle = { rate = 8, burst = 16 }
      jwt      = { issuer = "https://login.example.com", audience = ["votes"] }
      domain = {
        name            = "votes.example.com"
        certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
      }
    }
  }

  assert {
    condition = (
      strcontains(module.website[0].content_security_policy, "connect-src 'self' https://votes.example.com;") &&
      local.page_config.api == "https://votes.example.com"
    )
    error_message = "The page talks to its API, and to nobody else."
  }
  assert {
    condition     = local.page_config.voter == "token"
    error_message = "The page sends a token where the API asks for one."
  }
}
