#!/bin/bash
# Runs once in the MySQL or MariaDB container, on an empty data folder: the accounts of sql/ with their passwords,
# then the sample database.
set -euo pipefail
client=$(command -v mysql || command -v mariadb)

# A password as it stands inside a quoted SQL string.
escaped() {
  local text=${1//\\/\\\\}
  printf '%s' "${text//\'/\'\'}"
}

accounts=$(</tributary/accounts.sql)
accounts=${accounts//'{{RELAY_PASSWORD}}'/"$(escaped "$TRIBUTARY_RELAY_PASSWORD")"}
accounts=${accounts//'{{APP_PASSWORD}}'/"$(escaped "$TRIBUTARY_APP_PASSWORD")"}

export MYSQL_PWD=$MYSQL_ROOT_PASSWORD
"$client" -u root <<<"$accounts"
"$client" -u root </tributary/github_data.sql
