-- Accounts of Tributary on MySQL 8, each with the least rights that its work needs. Run it as an administrator.
-- It can be run again at any time. Set the passwords by replacing the two placeholders, for example:
--   sed -e "s/{{RELAY_PASSWORD}}/$RELAY_PASSWORD/" -e "s/{{APP_PASSWORD}}/$APP_PASSWORD/" \
--     sql/accounts.mysql.sql | mysql -u root -p
-- (`npm run stack -- up` does so with passwords of its own.)
--
-- In GRANT a database name is a pattern: "_" stands for any one character, so it is written "\_" where it is meant;
-- "%" stands for any text, so `tributary%` is every database whose name begins with "tributary".

-- 1. tributary_definer: the DEFINER of the capture triggers, which run with its rights. Nobody can log in as it.
CREATE USER IF NOT EXISTS 'tributary_definer'@'localhost' ACCOUNT LOCK;
ALTER USER 'tributary_definer'@'localhost' ACCOUNT LOCK;
-- To narrow it: these three on each captured database instead of *.*.
-- LOCK TABLES is what MySQL asks for SELECT ... FOR UPDATE, by which triggers lock what a foreign key is about to change.
GRANT SELECT, TRIGGER, LOCK TABLES ON *.* TO 'tributary_definer'@'localhost';
GRANT SELECT, INSERT ON `tributary%`.* TO 'tributary_definer'@'localhost';

-- 2. tributary_relay: trigger-relay and the command line. It reads the tables of the sync file, installs triggers on
--    them and owns the capture schema; it cannot change a row of an application's table.
CREATE USER IF NOT EXISTS 'tributary_relay'@'%' IDENTIFIED BY '{{RELAY_PASSWORD}}';
ALTER USER 'tributary_relay'@'%' IDENTIFIED BY '{{RELAY_PASSWORD}}';
-- ALL includes the temporary table by which published changes are deleted.
GRANT ALL PRIVILEGES ON `tributary%`.* TO 'tributary_relay'@'%';
-- For development every database may be synced. To narrow it, grant these three on each captured database instead:
--   GRANT SELECT, TRIGGER, LOCK TABLES ON `github\_data`.* TO 'tributary_relay'@'%';
-- LOCK TABLES is held while a trigger is exchanged for its next version, so that no change slips between the two.
-- PROCESS shows whether a transaction is still open.
GRANT SELECT, TRIGGER, LOCK TABLES, PROCESS ON *.* TO 'tributary_relay'@'%';
-- Naming another account as DEFINER: SET_USER_ID, which MySQL 8.2 replaced by SET_ANY_DEFINER.
SET @tributary_grant = CONCAT(
  'GRANT ',
  IF(SUBSTRING_INDEX(VERSION(), '.', 2) + 0 IN (8.0, 8.1), 'SET_USER_ID', 'SET_ANY_DEFINER'),
  ' ON *.* TO ''tributary_relay''@''%''');
PREPARE tributary_grant FROM @tributary_grant;
EXECUTE tributary_grant;
DEALLOCATE PREPARE tributary_grant;
-- With the binary log on, the server must also run with log_bin_trust_function_creators=1, else CREATE TRIGGER
-- asks for SUPER.

-- 3. tributary_app: the application that owns the data; here, of the sample database. It needs no right on the
--    capture schema, because the triggers run with the rights of their definer.
CREATE USER IF NOT EXISTS 'tributary_app'@'%' IDENTIFIED BY '{{APP_PASSWORD}}';
ALTER USER 'tributary_app'@'%' IDENTIFIED BY '{{APP_PASSWORD}}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `github\_data`.* TO 'tributary_app'@'%';
