import { checkRowsWork, readFileWork, storedIdsWork, writeRowsWork } from '@tributary/bulk';
import { readMysqlUrl } from '@tributary/service';

/** The account that writes to the sample tables; the relay's own may only read them. */
const applicationUrl = () => {
  const { APP_MYSQL_URL, ...others } = process.env;
  return readMysqlUrl(APP_MYSQL_URL ? { ...others, MYSQL_URL: APP_MYSQL_URL } : others);
};

export const openReadFile = () => Promise.resolve(readFileWork());
export const openWriteRows = () => writeRowsWork(applicationUrl());
export const openCheckRows = () => checkRowsWork(applicationUrl());
export const openStoredIds = () => storedIdsWork(applicationUrl());
