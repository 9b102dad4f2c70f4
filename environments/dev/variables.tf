variable "packages" {
  description = "The seven zips by name (votes-receive, votes-process, votes-write, votes-tally, votes-results, votes-conservation, votes-probe): a path, or bucket and key (and object_version), and the base64 SHA-256 as hash."
  type = map(object({
    path           = optional(string)
    bucket         = optional(string)
    key            = optional(string)
    object_version = optional(string)
    hash           = string
  }))
  nullable = false
}
