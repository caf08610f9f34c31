package tools

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

type weatherInput struct {
	City  string `json:"city" min:"1" max:"80" doc:"name of the city, such as Lisbon" example:"Lisbon"`
	Chart bool   `json:"chart,omitempty" doc:"whether to return a small chart of the measures, too, as an image"`
}

type weather struct {
	City        string  `json:"city" doc:"name of the city"`
	Temperature measure `json:"temperature" doc:"air temperature"`
	Condition   string  `json:"condition" doc:"sky condition in a word or two, such as light rain"`
	Humidity    measure `json:"humidity" doc:"relative humidity"`
	Wind        measure `json:"wind" doc:"mean wind speed"`
	Source      string  `json:"source" enum:"sample,open-meteo" doc:"source of the data; sample data are generated, not measured"`
}

type measure struct {
	Value float64 `json:"value" doc:"the measured value"`
	Unit  string  `json:"unit" enum:"°C,%,km/h" doc:"unit of the value"`
}

// getWeather is a tool that calls another web service, see [openMeteo]. While
// TOOL_WEATHER_URL is unset it needs no network: it generates sample weather, which is
// always the same for a city. On request, its result has an image in addition to the
// structured content.
func getWeather(cfg Config) tool.Tool {
	source := sampleWeather
	service, err := newOpenMeteo(cfg)
	if service != nil {
		source = service.weather
	}
	return tool.New(tool.Info{
		Name:        "get_weather",
		Title:       "Weather",
		Description: "Returns the current weather in a city: temperature, condition, humidity and wind.",
		ReadOnly:    true,
		Idempotent:  true,
		OpenWorld:   true,
		Icons:       []tool.Icon{tool.SVGIcon(weatherIcon)},
	}, func(ctx context.Context, in weatherInput) (result tool.Result[weather], err error) {
		city := strings.TrimSpace(in.City)
		if city == "" {
			return result, tool.Errorf("city is blank; give the name of a city")
		}
		w, err := source(ctx, city)
		if err != nil || !in.Chart {
			return tool.WithContent(w), err
		}
		chart, err := w.chart()
		return tool.WithContent(w, tool.Image(chart).For(mcp.RoleUser)), err
	}).WithProblem(err)
}

// weatherIcon is shown next to the names of the tool and its prompt.
const weatherIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="9" cy="9" r="5" fill="#f5b301"/>` +
	`<path d="M8 20a4 4 0 0 1 .6-8 5 5 0 0 1 9.6 1.2A3.4 3.4 0 0 1 18 20z" fill="#8aa4bf"/></svg>`

// sampleWeather generates weather from the city's name, without any request.
func sampleWeather(_ context.Context, city string) (weather, error) {
	h := fnv.New64a()
	fmt.Fprint(h, strings.ToLower(city))
	pick := func(shift, choices uint64) uint64 { return h.Sum64() >> shift % choices }
	conditions := []string{"clear sky", "partly cloudy", "overcast", "light rain", "fog", "thunderstorm"}
	return weather{
		City:        city,
		Temperature: measure{(float64(pick(0, 400)) - 50) / 10, "°C"},
		Condition:   conditions[pick(16, uint64(len(conditions)))],
		Humidity:    measure{float64(30 + pick(32, 66)), "%"},
		Wind:        measure{float64(pick(48, 60)), "km/h"},
		Source:      "sample",
	}, nil
}

type reportArguments struct {
	City string `json:"city" min:"1" max:"80" title:"City" doc:"name of the city, such as Lisbon"`
}

// weatherReport is a prompt that people pick to have a report written.
func weatherReport() tool.Prompt {
	return tool.NewPrompt(tool.PromptInfo{
		Name:        "weather_report",
		Title:       "Weather report",
		Description: "A short weather report for a city, with advice on what to wear.",
		Needs:       "get_weather",
		Icons:       []tool.Icon{tool.SVGIcon(weatherIcon)},
		Complete: map[string]tool.Completer{"city": func(context.Context, string, map[string]string) ([]string, error) {
			return []string{"Berlin", "Lisbon", "London", "Nairobi", "New York", "Sydney", "Tokyo"}, nil
		}},
	}, func(_ context.Context, in reportArguments) (string, error) {
		return fmt.Sprintf("Get the weather in %s with the get_weather tool. Then write a report of at most five "+
			"sentences: the weather, what to wear, and the source of the data.", in.City), nil
	})
}
