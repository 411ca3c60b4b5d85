import { mongo } from 'mongoose';

/** The driver's own BSON classes: values of another copy of the library would be refused by the serializer. */
export const { Binary, BSON, Decimal128, Double, Long } = mongo;
export type Binary = mongo.Binary;
export type Decimal128 = mongo.Decimal128;
export type Double = mongo.Double;
export type Long = mongo.Long;
