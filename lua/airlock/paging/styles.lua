--- How lists come in pages, one function a style: it reads a page, and says what to ask for next.
-- Each takes the decoded body, the query that was sent (its own to change), and the header fields. It gives the items;
-- then the query of the next page, or its URL as text, or nil: that was the last. Items nil: the body is no page of
-- this style.

-- spec: spec/session/page_spec.lua

local core = require "airlock.core"

local styles = {}

local function is_list(value)
  return type(value) == "table" and (value[1] ~= nil or next(value) == nil)
end

-- JSON's null is no value here, and an empty text is none either.
local function text_of(value)
  if type(value) == "string" then return value ~= "" and value or nil end
  if type(value) == "number" then return ("%.0f"):format(value) end
  return nil
end

local usual = { "items", "values", "value", "data", "results" } -- what most call the list in a page

-- The list in an object that has some count, some link and one list; nil where there is none, or no telling which.
local function list_in(body)
  if type(body) ~= "table" then return nil end
  if is_list(body) then return body end
  for _, name in ipairs(usual) do
    if is_list(body[name]) then return body[name] end
  end
  local found, empty
  for _, value in pairs(body) do
    if type(value) == "table" and value[1] ~= nil then
      if found then return nil end
      found = value
    elseif type(value) == "table" and next(value) == nil then
      empty = value -- an empty list, or an empty object: both are no items
    end
  end
  return found or empty
end

local function number(value)
  return tonumber(value) or 0
end

-- The next page begins behind what has come so far; an empty one is the end, as a server may give fewer than were asked
-- for.
local function offset(name, total)
  return function(body, query)
    local items = list_in(body)
    if not items or #items == 0 then return items, nil end
    local reached = number(query[name]) + #items
    if total and not is_list(body) and type(body[total]) == "number" and reached >= body[total] then
      return items, nil
    end
    query[name] = ("%.0f"):format(reached)
    return items, query
  end
end

-- Hub: { skip, top, total, users = […] }. YouTrack: a bare list.
styles.skip = offset("$skip", "total")

-- Keycloak: a bare list.
styles.first = offset "first"

--- Pages with numbers, from 0 (Auth0: a bare list, or { start, limit, total, users = […] }).
function styles.page(body, query)
  local items = list_in(body)
  if not items or #items == 0 then return items, nil end
  query.page = ("%.0f"):format(number(query.page) + 1)
  return items, query
end

--- JetBrains Space: { data = […], next = "…" }, asked for with $skip. The last page still names a next one, which is
--- empty: an empty page is the end (https://www.jetbrains.com/help/space, "Get data from Space"). A `next` that doesn't
--- move is one too.
function styles.space(body, query)
  if type(body) ~= "table" then return nil end
  if body.data == nil then return is_list(body) and body or nil, nil end
  if not is_list(body.data) then return nil end
  local next_skip = text_of(body.next)
  if #body.data == 0 or next_skip == nil or next_skip == query["$skip"] then return body.data, nil end
  query["$skip"] = next_skip
  return body.data, query
end

-- A token for the next page comes with each.
local function token(find, name)
  return function(body, query)
    local items = list_in(body)
    local following = type(body) == "table" and text_of(find(body)) or nil
    if not items and following then items = {} end -- a page may be empty, and its list left out
    query[name] = following
    return items, following and query or nil
  end
end

--- Slack: response_metadata.next_cursor, which is empty on the last page.
styles.cursor = token(function(body)
  return type(body.response_metadata) == "table" and body.response_metadata.next_cursor or nil
end, "cursor")

--- Google: nextPageToken.
styles.page_token = token(function(body) return body.nextPageToken end, "pageToken")

-- The URL of the next page stands in it.
local function url_in(name)
  return function(body)
    local items = list_in(body)
    return items, items and text_of(body[name]) or nil
  end
end

--- Bitbucket: { values = […], next = "https://…" }.
styles.next = url_in "next"

--- Microsoft Graph, and OData: { value = […], ["@odata.nextLink"] = "https://…" }.
styles.odata = url_in "@odata.nextLink"

--- RFC 8288, as GitHub, GitLab, Gitea and Okta have it: `Link: <https://…>; rel="next"`.
function styles.link(body, _, headers)
  return list_in(body), headers.link and core.link(headers.link, "next") or nil
end

--- A list that comes whole.
function styles.whole(body)
  return type(body) == "table" and body or nil, nil
end

--- Space wants the fields inside of the page; they are named as of an item.
---@param style string
---@param query table
function styles.prepare(style, query)
  local fields = query["$fields"]
  if style == "space" and type(fields) == "string" and not fields:find("data", 1, true) then
    query["$fields"] = ("next,data(%s)"):format(fields)
  end
end

--- Where a link in a page leads, as browsers read it.
---@param link string
---@param from string the URL of the page that it stands in
---@return string? url absolute, without a fragment; nil: it leads nowhere
function styles.resolve(link, from)
  return core.resolve(link, from)
end

--- The styles that a profile may name.
styles.names = { "cursor", "first", "link", "next", "odata", "page", "page_token", "skip", "space" }

--- Whether that is the name of one.
---@param name string
---@return boolean
function styles.is_style(name)
  for _, style in ipairs(styles.names) do
    if style == name then return true end
  end
  return false
end

return styles
