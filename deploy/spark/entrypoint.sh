#!/bin/sh
# What the image runs as: `connect` (a Connect server, the driver), `master` and `worker` (a standalone cluster), and
# `executor`, as Spark's scheduler for Kubernetes asks for it by the variables that it sets.
set -eu

jars="$SPARK_HOME/jars/*"
role="${1:-connect}"
[ $# -eq 0 ] || shift

# $1: heap; what stands behind it goes to Java.
run() {
  heap="$1"
  shift
  exec java "-Xmx$heap" "@$SPARK_HOME/jvm.args" -cp "$jars" "$@"
}

case "$role" in
  connect)
    # Into a file: a command line can be read by everybody in the container, and workers inherit the environment.
    properties="$(mktemp)"
    token="${SPARK_TOKEN:-}"
    [ -z "${SPARK_TOKEN_FILE:-}" ] || token="$(cat "$SPARK_TOKEN_FILE")"
    [ -z "$token" ] || printf 'spark.connect.authenticate.token=%s\n' "$token" >"$properties"
    [ ! -f "$SPARK_HOME/conf/spark.properties" ] || cat "$SPARK_HOME/conf/spark.properties" >>"$properties"
    unset SPARK_TOKEN token
    port="${SPARK_PORT:-15002}"
    # What Kubernetes says of a service named spark, by a variable of the same name.
    case "$port" in *://*) port=15002 ;; esac
    # Executors then belong to this pod, and go with it.
    case "${SPARK_MASTER:-}" in k8s://*) set -- --conf "spark.kubernetes.driver.pod.name=$(hostname)" "$@" ;; esac
    run "${SPARK_MEMORY:-2g}" org.apache.spark.deploy.SparkSubmit \
      --master "${SPARK_MASTER:-local[*,4]}" --properties-file "$properties" \
      --class org.apache.spark.sql.connect.service.SparkConnectServer \
      --conf spark.connect.grpc.binding.address=0.0.0.0 \
      --conf "spark.connect.grpc.binding.port=$port" \
      --conf spark.sql.catalogImplementation=in-memory \
      --conf spark.sql.session.timeZone=UTC \
      --conf spark.sql.warehouse.dir=/tmp/warehouse \
      "$@" spark-internal
    ;;
  master)
    run "${SPARK_MEMORY:-512m}" -Dspark.master.rest.enabled=false org.apache.spark.deploy.master.Master --port 7077 "$@"
    ;;
  worker)
    run "${SPARK_MEMORY:-512m}" org.apache.spark.deploy.worker.Worker --work-dir /tmp/work "$@" \
      "${SPARK_MASTER:?SPARK_MASTER must name the master, as spark://host:7077}"
    ;;
  executor)
    # Options of Java come one a variable: SPARK_JAVA_OPT_0, SPARK_JAVA_OPT_1, ...
    options="$(mktemp)"
    env | sed -n 's/^SPARK_JAVA_OPT_[0-9]*=//p' | sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&"/' >"$options"
    exec java "@$options" "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
      -cp "${SPARK_CLASSPATH:-}:$jars" \
      org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
      --driver-url "$SPARK_DRIVER_URL" \
      --executor-id "$SPARK_EXECUTOR_ID" \
      --cores "$SPARK_EXECUTOR_CORES" \
      --app-id "$SPARK_APPLICATION_ID" \
      --hostname "$SPARK_EXECUTOR_POD_IP" \
      --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
      --podName "$SPARK_EXECUTOR_POD_NAME"
    ;;
  *)
    exec "$role" "$@"
    ;;
esac
