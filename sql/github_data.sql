-- The sample database: GitHub users and repositories as the public event stream (GH Archive) names them.
-- Runs on MySQL 8.0 and MariaDB 10.11; safe to run again, it never drops anything.
-- All but the keys may be NULL: the stream often tells no more of a user than id and login.

CREATE DATABASE IF NOT EXISTS github_data CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS github_data.users (
  user_id      BIGINT            NOT NULL,
  login        VARCHAR(255)          NULL COMMENT 'not unique: a freed login can be taken by someone else',
  node_id      VARCHAR(64)           NULL COMMENT 'id in the GraphQL API',
  gravatar_id  VARCHAR(255)          NULL,
  url          VARCHAR(255)          NULL COMMENT 'API address',
  html_url     VARCHAR(255)          NULL COMMENT 'page for people',
  avatar_url   VARCHAR(255)          NULL,
  type         VARCHAR(32)           NULL COMMENT 'User, Organization, Bot, Mannequin ...',
  site_admin   TINYINT(1)            NULL,
  name         VARCHAR(255)          NULL COMMENT 'free text of the user, any script, emoji included',
  company      VARCHAR(255)          NULL,
  location     VARCHAR(255)          NULL,
  email        VARCHAR(320)          NULL,
  bio          TEXT                  NULL,
  public_repos INT UNSIGNED          NULL,
  followers    INT UNSIGNED          NULL,
  created_at   DATETIME              NULL COMMENT 'UTC',
  updated_at   TIMESTAMP             NULL DEFAULT NULL,
  PRIMARY KEY (user_id),
  KEY users_login (login)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- No foreign key to users: an event can name a repository before (or without) its owner.
CREATE TABLE IF NOT EXISTS github_data.repositories (
  repo_id           BIGINT       NOT NULL,
  node_id           VARCHAR(64)      NULL COMMENT 'id in the GraphQL API',
  name              VARCHAR(255)     NULL,
  full_name         VARCHAR(255)     NULL COMMENT 'owner/name',
  owner_id          BIGINT           NULL COMMENT 'users.user_id',
  url               VARCHAR(255)     NULL COMMENT 'API address',
  html_url          VARCHAR(255)     NULL COMMENT 'page for people',
  description       TEXT             NULL,
  homepage          VARCHAR(1024)    NULL,
  language          VARCHAR(64)      NULL,
  license           VARCHAR(64)      NULL COMMENT 'SPDX id',
  visibility        ENUM ('public', 'private', 'internal') NULL,
  private           TINYINT(1)       NULL,
  fork              TINYINT(1)       NULL,
  archived          TINYINT(1)       NULL,
  default_branch    VARCHAR(255)     NULL,
  topics            JSON             NULL COMMENT 'array of strings',
  size              INT UNSIGNED     NULL COMMENT 'kilobytes',
  stargazers_count  INT UNSIGNED     NULL,
  forks_count       INT UNSIGNED     NULL,
  open_issues_count INT UNSIGNED     NULL,
  created_at        DATETIME         NULL COMMENT 'UTC',
  updated_at        TIMESTAMP        NULL DEFAULT NULL,
  pushed_at         TIMESTAMP        NULL DEFAULT NULL,
  PRIMARY KEY (repo_id),
  KEY repositories_owner (owner_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
