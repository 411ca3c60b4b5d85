#!/bin/sh
# Gives each service its own account's rights in Kafka, and nothing else. For a cluster with an authorizer
# (Kafka 2.8 or newer); run it once as an administrator, again after another topics.prefix and with each new version of the
# services, which may need more. Adding what is there already changes nothing.
#
#   KAFKA_ACLS="kafka-acls.sh --bootstrap-server host:9092 --command-config admin.properties" sh deploy/kafka-acls.sh
#
# PREFIX is topics.prefix of the sync file (default tributary); accounts are named `<ACCOUNTS>-<service>` (default
# tributary-trigger-relay, tributary-validator, tributary-mongo-sink, tributary-redis-sink, tributary-cli).
# To see the commands and run nothing: KAFKA_ACLS="echo kafka-acls.sh".
set -euf

: "${KAFKA_ACLS:?says how to call kafka-acls.sh of your cluster, see the head of this file}"
prefix=${PREFIX:-tributary}
accounts="User:${ACCOUNTS:-tributary}"

relay="--allow-principal $accounts-trigger-relay"
validator="--allow-principal $accounts-validator"
mongo="--allow-principal $accounts-mongo-sink"
redis="--allow-principal $accounts-redis-sink"
cli="--allow-principal $accounts-cli"
services="$relay $validator $mongo $redis"

grant() {
  # Unquoted on purpose: the command and the lists of principals are several words.
  # shellcheck disable=SC2086
  $KAFKA_ACLS --add "$@"
}

# Whoever starts first creates the topics; all look whether they are there.
# shellcheck disable=SC2086
{
  grant $services $cli --operation Describe --operation Create --topic "$prefix." --resource-pattern-type prefixed
  grant $services $cli --operation Read --topic "$prefix.schemas"
  # Whose versions these are, suspended tables, and what services ask of the relay.
  grant $services $cli --operation Read --operation Write --topic "$prefix.notes"
  grant $services $cli --operation Write --topic "$prefix.dead-letters"
  grant $services --operation Write --topic "$prefix.heartbeats"

  # When it begins to lead the relay compares the newest changes with its log, and looks whether another one leads; what waits
  # on the other topics it tells by metrics.
  grant $relay --operation Read --operation Write --topic "$prefix.changes"
  grant $relay --operation Read --topic "$prefix.heartbeats" --topic "$prefix.dead-letters" \
    --topic "$prefix.validated" --topic "$prefix.loads" --topic "$prefix.validated-loads"
  grant $relay --operation Write --topic "$prefix.schemas"

  grant $validator --operation Read --topic "$prefix.changes" --topic "$prefix.loads" --topic "$prefix.dead-letters" \
    --group "$prefix.validator" --group "$prefix.validator-loads"
  grant $validator --operation Write --topic "$prefix.validated" --topic "$prefix.validated-loads"
  grant $services --operation DescribeConfigs --topic "$prefix.changes" --topic "$prefix.validated" \
    --topic "$prefix.loads" --topic "$prefix.validated-loads"

  # Of the heartbeats: whether the copy still runs that suspended a table.
  grant $mongo $redis --operation Read --topic "$prefix.validated" --topic "$prefix.validated-loads" \
    --topic "$prefix.dead-letters" --topic "$prefix.heartbeats"
  grant $mongo --operation Read --group "$prefix.mongo-sink" --group "$prefix.mongo-sink-loads"
  grant $redis --operation Read --group "$prefix.redis-sink" --group "$prefix.redis-sink-loads"

  # The command line: status, verify, trace, tail, doctor, replays of dead letters, which go through the validator again, and
  # loads by Spark, whose workers have its account. The console has it too: it appends who changed what to the audit log.
  grant $cli --operation Read --topic "$prefix.heartbeats" --topic "$prefix.dead-letters" --topic "$prefix.changes" \
    --topic "$prefix.validated" --topic "$prefix.loads" --topic "$prefix.validated-loads"
  grant $cli --operation Write --topic "$prefix.changes" --topic "$prefix.loads" --topic "$prefix.schemas"
  grant $cli --operation Read --operation Write --topic "$prefix.audit"
  grant $cli --operation DescribeConfigs --topic "$prefix." --resource-pattern-type prefixed

  # The relay and the command line look how far the consumer groups are.
  grant $relay $cli --operation Describe --group "$prefix." --resource-pattern-type prefixed
}
