package plan

import "serverless-mcp/internal/settings"

// logUSD is the price of the log of one request, about 1 KB.
const logUSD = 0.50e-6

// RequestUSD returns the price of one request to a Lambda shape, and of each millisecond of
// the request, in us-east-1, without data transfer. With several shapes, the prices are
// those of the first one. The container costs the same however much it is used.
func RequestUSD(s settings.Settings) (request, millisecond float64) {
	for _, shape := range s.Shapes {
		switch shape {
		case settings.ShapeHTTPAPI:
			return logUSD + (1.00+0.20)/1e6, float64(s.MemoryMB) / 1024 * gbSecond(s) / 1000
		case settings.ShapeStream:
			return logUSD + 0.20/1e6, float64(s.MemoryMB) / 1024 * gbSecond(s) / 1000
		}
	}
	return logUSD, 0
}
