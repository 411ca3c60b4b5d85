export { kafkaError } from './kafka-error';
export { createKafka, type KafkajsTransport } from './kafkajs-transport';
export { applyKafkajsPatches } from './patches';
export { mendMissingCodecs } from './patches/missing-codecs';
