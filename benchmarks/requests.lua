-- Sends the requests of a file, one a line (CR LF written as the byte 31), round and round.
local lines, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    lines[#lines + 1] = line:gsub("\31", "\r\n")
  end
end

function request()
  at = at % #lines + 1
  return lines[at]
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    'JSON {"requests": %d, "us": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.status, e.connect + e.read + e.write + e.timeout))
end
