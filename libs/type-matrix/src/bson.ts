import { mongo } from 'mongoose';

export const { Binary, BSON, Decimal128, Double, Int32, Long } = mongo;
