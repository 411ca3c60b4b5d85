/** Tables that are captured in the one run and not in the other. */
export const captured = [
  'customer',
  'orders',
  'item',
  'seq',
  'checked',
  'tree',
  'audit',
  'kinds',
  'renamed',
  'two_keys',
];

/** The application's database: tables of every kind of key and reference, triggers, routines and views of its own. */
export const schema: readonly string[] = [
  `CREATE TABLE customer (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(80) UNIQUE,
     name VARCHAR(40) CHARACTER SET latin1 DEFAULT 'nobody', credit DECIMAL(8,2) NOT NULL DEFAULT 0, seen TIMESTAMP(6) NULL)`,
  `CREATE TABLE orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer_id INT NULL, status ENUM('new','paid','sent') NOT NULL DEFAULT 'new',
     total DECIMAL(12,2) NOT NULL DEFAULT 0, note VARCHAR(50), twice DECIMAL(13,2) AS (total * 2) STORED,
     label VARCHAR(60) AS (CONCAT(total, '-', note)) VIRTUAL, made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
     CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE SET NULL ON UPDATE CASCADE)`,
  `CREATE TABLE item (order_id BIGINT NOT NULL, line INT NOT NULL, sku CHAR(8), qty INT UNSIGNED NOT NULL, PRIMARY KEY (order_id, line),
     CONSTRAINT item_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE)`,
  `CREATE TABLE bill (id INT PRIMARY KEY, customer_id INT, CONSTRAINT bill_customer FOREIGN KEY (customer_id) REFERENCES customer (id))`,
  `CREATE TABLE seq (name VARCHAR(20) PRIMARY KEY, n BIGINT NOT NULL)`,
  `CREATE TABLE checked (id INT PRIMARY KEY, a TINYINT NOT NULL, b VARCHAR(3), c DATETIME, d DATE, u INT UNSIGNED, CONSTRAINT small CHECK (a < 100))`,
  `CREATE TABLE tree (id INT PRIMARY KEY, parent INT NULL, FOREIGN KEY (parent) REFERENCES tree (id) ON DELETE CASCADE)`,
  `CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(60))`,
  `CREATE TABLE plainlog (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(60))`,
  `CREATE TABLE kinds (id INT PRIMARY KEY, f FLOAT, d DOUBLE, b BIT(9), y YEAR, t TIME(3), dt DATETIME(6), j JSON, bin VARBINARY(20),
     bl BLOB, tx TEXT CHARACTER SET utf8mb4, e ENUM('a','b'), s SET('x','y','z'), g POINT NULL, big BIGINT UNSIGNED, l LONGTEXT)`,
  `CREATE TABLE renamed (id INT PRIMARY KEY, a INT)`,
  `CREATE TABLE two_keys (id INT PRIMARY KEY, a INT UNIQUE, b INT, UNIQUE KEY ab (a, b))`,
  `CREATE TRIGGER customer_bi BEFORE INSERT ON customer FOR EACH ROW SET NEW.email = LOWER(NEW.email)`,
  `CREATE TRIGGER orders_ai AFTER INSERT ON orders FOR EACH ROW INSERT INTO plainlog (what) VALUES (CONCAT('order ', NEW.id))`,
  `CREATE TRIGGER orders_au AFTER UPDATE ON orders FOR EACH ROW BEGIN
     IF NEW.total > 1000000 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'too much'; END IF;
     IF NOT (OLD.status <=> NEW.status) THEN INSERT INTO audit (what) VALUES (CONCAT(OLD.status, '>', NEW.status)); END IF; END`,
  `CREATE TRIGGER item_bd BEFORE DELETE ON item FOR EACH ROW INSERT INTO plainlog (what) VALUES (CONCAT('item ', OLD.line))`,
  `CREATE PROCEDURE place_order(IN c INT, IN amount DECIMAL(12,2), OUT made BIGINT, OUT changed INT)
   BEGIN
     INSERT INTO orders (customer_id, total) VALUES (c, amount);
     SET made = LAST_INSERT_ID();
     INSERT INTO item VALUES (made, 1, 'a', 1), (made, 2, 'b', 2);
     UPDATE customer SET credit = credit - amount WHERE id = c;
     SET changed = ROW_COUNT();
     SELECT made AS made, changed AS changed, LAST_INSERT_ID() AS last;
   END`,
  `CREATE PROCEDURE try_order(IN c INT)
   BEGIN
     DECLARE failed INT DEFAULT 0;
     DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN GET DIAGNOSTICS CONDITION 1 failed = MYSQL_ERRNO; END;
     INSERT INTO orders (customer_id, total) VALUES (c, 1);
     SELECT failed, ROW_COUNT();
   END`,
  `CREATE FUNCTION next_val(wanted VARCHAR(20)) RETURNS BIGINT MODIFIES SQL DATA
   BEGIN
     UPDATE seq SET n = LAST_INSERT_ID(n + 1) WHERE name = wanted;
     RETURN LAST_INSERT_ID();
   END`,
  `CREATE VIEW open_orders AS SELECT id, status, total, note FROM orders WHERE status = 'new' WITH CHECK OPTION`,
];

export const rows: readonly string[] = [
  `INSERT INTO customer (id, email, name, credit) VALUES (1, 'Ann@x', 'Ann', 100), (2, 'bob@x', 'Böb', 50), (3, NULL, 'Cid', 0)`,
  `INSERT INTO orders (id, customer_id, total, note) VALUES (1, 1, 10, 'one'), (2, 1, 20, NULL), (3, 2, 30, 'three')`,
  `INSERT INTO item VALUES (1, 1, 'aa', 1), (1, 2, 'bb', 2), (2, 1, 'cc', 3)`,
  'INSERT INTO bill VALUES (1, 2)',
  `INSERT INTO seq VALUES ('s', 10), ('t', 0)`,
  `INSERT INTO checked VALUES (1, 1, 'abc', '2020-01-02 03:04:05', '2020-01-02', 1), (2, 2, NULL, NULL, NULL, NULL)`,
  'INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 1)',
  `INSERT INTO kinds VALUES (1, 1.1, 2.2, 5, 2020, '-10:00:00.5', '2020-01-01 00:00:00.000001', '{"a": [1]}', X'00FF', X'FF', 'ü😀', 'a', 'x,z', POINT(1, 2), 18446744073709551615, REPEAT('l', 1000))`,
  'INSERT INTO renamed VALUES (1, 1)',
  'INSERT INTO two_keys VALUES (1, 10, 100), (2, 20, 200), (3, 30, 300)',
];
