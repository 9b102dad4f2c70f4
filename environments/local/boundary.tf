locals {
  permissions_boundary = null # nobody is kept out of this machine
}
