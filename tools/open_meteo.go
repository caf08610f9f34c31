package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"serverless-mcp/internal/tool"
)

// Settings of get_weather. Both are base URLs, without /v1.
const (
	weatherURLSetting   = "TOOL_WEATHER_URL"           // such as https://api.open-meteo.com; empty means sample data
	geocodingURLSetting = "TOOL_WEATHER_GEOCODING_URL" // for the search for cities; empty means Open-Meteo's
)

const (
	weatherTimeout = 5 * time.Second // for one request; a call makes two
	weatherMaxBody = 64 << 10        // bytes of a response; real ones have under 2,000
)

// openMeteo is a client of the API that https://open-meteo.com/en/docs describes.
// Open-Meteo's servers need no key for non-commercial use.
type openMeteo struct {
	forecast, geocoding string // base URLs
	client              *http.Client
}

// newOpenMeteo returns nil if no URL is set.
func newOpenMeteo(cfg Config) (*openMeteo, error) {
	o := &openMeteo{
		forecast:  cfg.Setting(weatherURLSetting),
		geocoding: cfg.Setting(geocodingURLSetting),
		client:    &http.Client{Timeout: weatherTimeout},
	}
	if o.forecast == "" {
		return nil, nil
	}
	if o.geocoding == "" {
		o.geocoding = "https://geocoding-api.open-meteo.com"
	}
	return o, errors.Join(checkURL(weatherURLSetting, o.forecast), checkURL(geocodingURLSetting, o.geocoding))
}

func checkURL(setting, text string) error {
	if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("%s %q is not an http or https URL", setting, text)
	}
	return nil
}

// weather looks up the city and returns its current weather.
func (o *openMeteo) weather(ctx context.Context, city string) (weather, error) {
	var places struct{ Results []place }
	if err := o.get(ctx, o.geocoding, "v1/search", url.Values{"name": {city}, "count": {"1"}}, &places); err != nil {
		return weather{}, err
	}
	if len(places.Results) == 0 {
		return weather{}, tool.Errorf("there is no place called %q; try another spelling, or a larger place nearby", city)
	}
	at := places.Results[0]
	var forecast struct{ Current *conditions }
	query := url.Values{
		"latitude":  {fmt.Sprint(at.Latitude)},
		"longitude": {fmt.Sprint(at.Longitude)},
		"current":   {"temperature_2m,relative_humidity_2m,weather_code,wind_speed_10m"},
	}
	if err := o.get(ctx, o.forecast, "v1/forecast", query, &forecast); err != nil {
		return weather{}, err
	}
	if forecast.Current == nil {
		return weather{}, errUnusable()
	}
	return forecast.Current.weather(at.Name), nil
}

// get requests JSON. Failures of the service are errors for the model.
func (o *openMeteo) get(ctx context.Context, base, path string, query url.Values, into any) error {
	address, err := url.JoinPath(base, path)
	if err != nil {
		return fmt.Errorf("build the URL of the weather service: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		return fmt.Errorf("build the request to the weather service: %w", err)
	}
	response, err := o.client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		if failed.Timeout() {
			return tool.Errorf("the weather service did not respond in time; try again later")
		}
		err = failed.Err // without the URL: its query holds an argument, which must not be logged
	}
	if err != nil {
		return fmt.Errorf("call the weather service: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return tool.Errorf("the weather service returned status %d; try again later", response.StatusCode)
	}
	if json.NewDecoder(io.LimitReader(response.Body, weatherMaxBody)).Decode(into) != nil {
		return errUnusable()
	}
	return nil
}

func errUnusable() error {
	return tool.Errorf("the weather service returned an invalid response; try again later")
}

type place struct {
	Name                string
	Latitude, Longitude float64
}

// conditions are the current conditions in Open-Meteo's default units.
type conditions struct {
	Temperature float64 `json:"temperature_2m"`
	Humidity    float64 `json:"relative_humidity_2m"`
	Code        int     `json:"weather_code"`
	Wind        float64 `json:"wind_speed_10m"`
}

func (c conditions) weather(city string) weather {
	return weather{
		City:        city,
		Temperature: measure{c.Temperature, "°C"},
		Condition:   sky(c.Code),
		Humidity:    measure{c.Humidity, "%"},
		Wind:        measure{c.Wind, "km/h"},
		Source:      "open-meteo",
	}
}

// sky describes a WMO weather interpretation code. From 40 on, the tens digit is
// enough.
func sky(code int) string {
	clouds := []string{"clear sky", "mainly clear", "partly cloudy", "overcast"}
	if code >= 0 && code < len(clouds) {
		return clouds[code]
	}
	falls := map[int]string{4: "fog", 5: "drizzle", 6: "rain", 7: "snow", 8: "showers", 9: "thunderstorm"}
	if words, ok := falls[code/10]; ok {
		return words
	}
	return "unknown"
}
