-- Readers for wrk: each asks for a page of the mix, then reads for a while. Arguments: the file of addresses, the mean
-- milliseconds between two requests of one reader (0: none), and a seed. Each line of the file: weight, method, address,
-- body. Every request comes from another client address, as behind a proxy, so that limits for one address do not count.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  counts = ""
  seen = {}
  requests, weights, total = {}, {}, 0
  pause = tonumber(args[2])
  math.randomseed(tonumber(args[3]) + number)
  local encodings = { "br", "gzip", "identity" }
  for line in io.lines(args[1]) do
    local weight, method, path, etag, body = line:match("^(%S+)\t(%S+)\t(%S+)\t(%S*)\t(.*)$")
    total = total + tonumber(weight)
    table.insert(weights, total)
    table.insert(requests, { method, path, etag, body })
  end
  function next_request()
    local point, low, high = math.random() * total, 1, #weights
    while low < high do
      local middle = math.floor((low + high) / 2)
      if weights[middle] < point then low = middle + 1 else high = middle end
    end
    local method, path, etag, body = unpack(requests[low])
    local headers = {
      ["Accept-Encoding"] = encodings[math.random(3)],
      ["X-Forwarded-For"] = string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255), math.random(1, 254)),
    }
    if etag ~= "" then headers["If-None-Match"] = etag end
    if method == "POST" then headers["Content-Type"] = "application/x-www-form-urlencoded" else body = nil end
    return wrk.format(method, path, headers, body)
  end
end

function request()
  return next_request()
end

function delay()
  return pause * 2 * math.random()
end

function response(status)
  seen[status] = (seen[status] or 0) + 1
  counts = ""
  for code, count in pairs(seen) do counts = counts .. code .. ":" .. count .. "," end
end

function done(summary, latency)
  local all = {}
  for _, thread in ipairs(threads) do
    for code, count in thread:get("counts"):gmatch("(%d+):(%d+)") do all[code] = (all[code] or 0) + tonumber(count) end
  end
  local said = {}
  for code, count in pairs(all) do table.insert(said, string.format('"%s": %d', code, count)) end
  local errors = summary.errors
  io.write(string.format(
    'JSON {"requests": %d, "seconds": %.3f, "bytes": %d, "statuses": {%s}, "connect": %d, "read": %d, "write": %d, ' ..
    '"timeout": %d, "p50": %.2f, "p90": %.2f, "p99": %.2f, "p999": %.2f, "max": %.2f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, table.concat(said, ", "), errors.connect, errors.read,
    errors.write, errors.timeout, latency:percentile(50) / 1000, latency:percentile(90) / 1000,
    latency:percentile(99) / 1000, latency:percentile(99.9) / 1000, latency.max / 1000))
end
