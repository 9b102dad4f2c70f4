# One laptop, one user: the state is a file.
terraform {
  backend "local" {}
}
