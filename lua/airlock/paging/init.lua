--- Lists that come in pages, as one iterator.

-- spec: spec/session/page_spec.lua

local core = require "airlock.core"
local failure = require "airlock.failure"
local form = require "airlock.form"
local registry = require "airlock.loop.registry"
local response = require "airlock.response"
local styles = require "airlock.paging.styles"

local paging = {}

local most_pages, most_empty = 100000, 100 -- of one list; in a row

-- Where the list's page is that it stands at.
local function url_of(list)
  if list.path:find "^%a+://" then return list.path end
  return ((list.first or ""):gsub("/*$", "/")) .. list.path:gsub("^/+", "")
end

local function no_page(list, message, code)
  local told, more = failure.at({ method = "GET", url = url_of(list) }, message)
  failure.raise(select(2, failure.http(code or "malformed_response", told, more)))
end

-- Where the next page is: only where the token belongs (the origin of the first one), and nowhere that a URL can't
-- lead.
local function follow(list, link)
  local url = styles.resolve(link, url_of(list))
  if not url or core.url_fault(url, nil, list.plain) then
    no_page(list, "the link to the next page can't be used: it isn't an https URL")
  end
  if not core.same_origin(url, list.first) then
    no_page(list, "the link to the next page leads to another origin, where this session's token doesn't belong",
      "foreign_link")
  end
  list.path, list.query = url, nil
end

-- A list that comes back to a page it had, or goes on for ever. One page is remembered; which one moves on by doubling
-- steps, so that every circle is found.
local function check_progress(list, key)
  list.pages = list.pages + 1
  if key == list.remembered or list.pages > most_pages or list.empty > most_empty then
    no_page(list, "the list never ends: its pages go round in circles, or there is no end to them", "endless_list")
  end
  if list.pages >= list.until_pages then
    list.remembered, list.until_pages = key, list.until_pages * 2
  end
end

-- The items of the page that it stands at; then it stands at the next, or is over.
local function read(list)
  local body, head, detail = registry.iterate(list.fetch, list.path, list.query)
  if body == nil then failure.raise(head, detail) end
  local items, following = list.style(body, list.query or {}, response.headers(head))
  if not items then no_page(list, "the answer should be a list, or a page of one") end
  list.empty = #items == 0 and list.empty + 1 or 0
  if type(following) == "string" then follow(list, following) else list.query = following end
  list.over = following == nil
  if not list.over then
    check_progress(list, list.path .. "?" .. (list.query and form.encode(list.query, "session:each", "query") or ""))
  end
  return items
end

--- Iterates over all items of a list, getting the pages as they are needed.
---@param fetch fun(path: string, query: table?): any, string?, table? gives a page's decoded body and header block,
--- else nil, message, detail
---@param base string? what the path is relative to
---@param path string
---@param parameters table? the first page's query
---@param style string|function|nil one of airlock.paging.styles, or a function like these; nil: the list comes whole
---@param plain string[]? hosts that may be spoken to without TLS
---@return fun(): any
function paging.items(fetch, base, path, parameters, style, plain)
  if parameters ~= nil and type(parameters) ~= "table" then
    core.mistake("session:each: the query must be a table, not a " .. type(parameters))
  end
  local query = {}
  for name, value in pairs(parameters or {}) do query[name] = value end
  styles.prepare(style, query)
  local first = type(path) == "string" and (path:find "^%a+://" and path or base) or base
  local list = { fetch = fetch, path = path, query = query, first = first, pages = 0, empty = 0,
    until_pages = 1, plain = plain }
  list.style = type(style) == "function" and style or styles[style or "whole"]
  local items, i = {}, 0
  return function()
    while i >= #items do
      if list.over then return nil end
      items = read(list)
      i = 0
    end
    i = i + 1
    return items[i]
  end
end

return paging
