#!/bin/bash
# Runs once in the MySQL or MariaDB container, on an empty data folder: the accounts of sql/ with their passwords.
set -euo pipefail
client=$(command -v mysql || command -v mariadb)
sed -e "s/{{RELAY_PASSWORD}}/${TRIBUTARY_RELAY_PASSWORD}/" -e "s/{{APP_PASSWORD}}/${TRIBUTARY_APP_PASSWORD}/" \
  /tributary/accounts.sql | MYSQL_PWD="${MYSQL_ROOT_PASSWORD}" "$client" -u root
MYSQL_PWD="${MYSQL_ROOT_PASSWORD}" "$client" -u root </tributary/github_data.sql
