import type { ServerName } from '../state';
import { kafkaServer } from './kafka';
import { mariadbServer } from './mariadb';
import { mongodbServer } from './mongodb';
import { mysqlServer } from './mysql';
import { redisServer } from './redis';
import type { NativeServer } from './server';
import { sparkServer } from './spark';

export const nativeServers: Readonly<Record<ServerName, NativeServer>> = {
  mysql: mysqlServer,
  mariadb: mariadbServer,
  kafka: kafkaServer,
  mongodb: mongodbServer,
  redis: redisServer,
  spark: sparkServer,
};

export const labels: Readonly<Record<ServerName, string>> = {
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  kafka: 'Kafka',
  mongodb: 'MongoDB',
  redis: 'Redis',
  spark: 'Spark',
};
