/** What a panel shows; a query is PromQL, `$stage` and `$table` are the choices above the dashboard. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  /** Grafana's name of the unit. */
  readonly unit: 's' | 'short' | 'ops' | 'bytes' | 'percentunit' | 'none';
  readonly kind?: 'timeseries' | 'stat' | 'table';
  readonly queries: readonly (readonly [expr: string, legend: string])[];
  /** From where on a value is bad. */
  readonly bad?: number;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A per-table metric narrowed to what is chosen; tables without a label stay in. */
const chosen = '{stage=~"$stage",table=~"$table"}';

export const rows: readonly Row[] = [
  {
    title: 'Is it well?',
    panels: [
      {
        title: 'Worst lag',
        description: 'Age of the oldest change that some stage has not applied.',
        ...{ unit: 's', kind: 'stat', bad: 300 },
        queries: [['max(tributary_lag_seconds)', 'lag']],
      },
      {
        title: 'Relays that lead',
        description: 'One is right.',
        ...{ unit: 'none', kind: 'stat' },
        queries: [['sum(tributary_relay_leader)', 'leaders']],
      },
      {
        title: 'Open dead letters',
        description: 'Neither replayed nor discarded.',
        ...{ unit: 'short', kind: 'stat', bad: 1 },
        queries: [['sum(max by (code) (tributary_dead_letters_open)) or vector(0)', 'open']],
      },
      {
        title: 'Stages in trouble',
        description: 'They wait for another server; their /health/ready names it.',
        ...{ unit: 'none', kind: 'stat', bad: 1 },
        queries: [['sum(max by (stage) (tributary_trouble))', 'stages']],
      },
      {
        title: 'Least retention left',
        description: 'Time until Kafka deletes what a group has not confirmed; nothing while nothing waits.',
        ...{ unit: 's', kind: 'stat' },
        queries: [['min(tributary_retention_headroom_seconds)', 'headroom']],
      },
      {
        title: 'Versions and sync files',
        description: 'One line is right.',
        ...{ unit: 'none', kind: 'table' },
        queries: [['count by (version, config) (tributary_build_info)', '']],
      },
    ],
  },
  {
    title: 'Lag',
    panels: [
      {
        title: 'Lag by stage',
        description: 'Age of the oldest change that is not applied; rises while nothing is.',
        ...{ unit: 's', bad: 300 },
        queries: [['max by (stage) (tributary_lag_seconds{stage=~"$stage"})', '{{stage}}']],
      },
      {
        title: 'Lag of the ten worst tables',
        description: 'By stage and table.',
        unit: 's',
        queries: [
          [`topk(10, max by (stage, table) (tributary_lag_seconds${chosen}))`, '{{stage}} {{table}}'],
        ],
      },
      {
        title: 'Latency of what is applied',
        description: 'From the change in MySQL to its acknowledgement, 95 of 100 batches.',
        unit: 's',
        queries: [
          [
            `histogram_quantile(0.95, sum by (stage, le) (rate(tributary_end_to_end_latency_seconds_bucket${chosen}[5m])))`,
            '{{stage}}',
          ],
        ],
      },
      {
        title: 'Events that wait on Kafka',
        description: 'Fetched or not.',
        unit: 'short',
        queries: [['sum by (job, instance) (tributary_consumer_lag_events)', '{{instance}}']],
      },
      {
        title: 'Retention left',
        description: 'Time until Kafka deletes what a group has not confirmed.',
        unit: 's',
        queries: [['min by (group) (tributary_retention_headroom_seconds)', '{{group}}']],
      },
    ],
  },
  {
    title: 'Throughput',
    panels: [
      {
        title: 'Events a second by stage',
        description: 'Whatever became of them.',
        unit: 'ops',
        queries: [[`sum by (stage) (rate(tributary_events_total${chosen}[5m]))`, '{{stage}}']],
      },
      {
        title: 'Events a second by outcome',
        description: 'What is neither published, forwarded nor applied.',
        unit: 'ops',
        queries: [
          [
            'sum by (stage, outcome) (rate(tributary_events_total{stage=~"$stage",table=~"$table",outcome!~"published|forwarded|applied"}[5m]))',
            '{{stage}} {{outcome}}',
          ],
        ],
      },
      {
        title: 'The ten busiest tables',
        description: 'Events a second that the sinks applied.',
        unit: 'ops',
        queries: [
          [
            'topk(10, sum by (table) (rate(tributary_events_total{outcome="applied",table=~"$table"}[5m])))',
            '{{table}}',
          ],
        ],
      },
      {
        title: 'Time of a batch',
        description: '95 of 100.',
        unit: 's',
        queries: [
          [
            'histogram_quantile(0.95, sum by (stage, le) (rate(tributary_batch_duration_seconds_bucket{stage=~"$stage"}[5m])))',
            '{{stage}}',
          ],
        ],
      },
    ],
  },
  {
    title: 'The source',
    panels: [
      {
        title: 'Entries in the change log',
        description: 'At most: rolled-back ids are counted too.',
        unit: 'short',
        queries: [['max(tributary_change_log_entries)', 'entries']],
      },
      {
        title: 'Oldest entry, and the floor',
        description:
          'Age of the oldest entry; how long transactions hold back the floor that a load waits for.',
        ...{ unit: 's', bad: 300 },
        queries: [
          ['max(tributary_change_log_oldest_seconds)', 'oldest entry'],
          ['max(tributary_floor_wait_seconds)', 'floor'],
        ],
      },
      {
        title: 'Time of a look at the empty log',
        description: 'Grows when an old read view keeps deleted entries.',
        ...{ unit: 's', bad: 0.02 },
        queries: [['max(tributary_log_look_seconds)', 'look']],
      },
      {
        title: 'Drifted and suspended tables',
        description: 'Not captured as they should be; left out by a stage.',
        ...{ unit: 'none', bad: 1 },
        queries: [
          ['sum(max by (table) (tributary_capture_drift))', 'drifted'],
          ['count(max by (stage, table) (tributary_table_suspended)) or vector(0)', 'suspended'],
        ],
      },
      {
        title: 'Epoch',
        description: 'A step is a load of every table.',
        unit: 'none',
        queries: [['max(tributary_epoch)', 'epoch']],
      },
    ],
  },
  {
    title: 'Loads',
    panels: [
      {
        title: 'Rows loaded, of all',
        description: 'By the newest load of each table.',
        unit: 'percentunit',
        queries: [
          [
            'max by (table) (tributary_snapshot_rows{table=~"$table"}) / (max by (table) (tributary_snapshot_rows_estimated{table=~"$table"}) > 0)',
            '{{table}}',
          ],
        ],
      },
      {
        title: 'Speed',
        description: 'Rows a second while the load was worked on.',
        unit: 'ops',
        queries: [['max by (table) (tributary_snapshot_rows_per_second{table=~"$table"})', '{{table}}']],
      },
      {
        title: 'Jobs',
        description: 'Open ones, and the newest of each table.',
        unit: 'none',
        queries: [['sum by (state) (tributary_snapshot_jobs)', '{{state}}']],
      },
    ],
  },
  {
    title: 'Rows',
    panels: [
      {
        title: 'Open dead letters by code',
        description: 'Neither replayed nor discarded.',
        unit: 'short',
        queries: [['max by (code) (tributary_dead_letters_open)', '{{code}}']],
      },
      {
        title: 'Oldest dead letter',
        description: 'Kafka deletes them after thirty days.',
        ...{ unit: 's', bad: 604_800 },
        queries: [['max(tributary_dead_letter_oldest_seconds)', 'oldest']],
      },
      {
        title: 'Differences that verification has left',
        description: 'Of the last whole pass of `tributary verify --continuous`.',
        ...{ unit: 'short', bad: 1 },
        queries: [['max by (table, target) (tributary_verify_differences_left)', '{{table}} {{target}}']],
      },
      {
        title: 'Since the last verification',
        description: 'Time since the last whole pass ended.',
        unit: 's',
        queries: [['time() - max(tributary_verify_last_pass_timestamp_seconds > 0)', 'age']],
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'Memory',
        description: 'Resident.',
        unit: 'bytes',
        queries: [
          [
            'process_resident_memory_bytes * on (job, instance) group_left (version) tributary_build_info',
            '{{instance}}',
          ],
        ],
      },
      {
        title: 'Processor',
        description: 'Cores.',
        unit: 'none',
        queries: [
          [
            'rate(process_cpu_seconds_total[5m]) * on (job, instance) group_left (version) tributary_build_info',
            '{{instance}}',
          ],
        ],
      },
      {
        title: 'Delay of the event loop',
        description: '99 of 100 looks.',
        unit: 's',
        queries: [
          [
            'nodejs_eventloop_lag_p99_seconds * on (job, instance) group_left (version) tributary_build_info',
            '{{instance}}',
          ],
        ],
      },
    ],
  },
];
