package period

import "math"

// The calendar is proleptic Gregorian with a year 0, as ISO 8601 counts: year 0
// is 1 BCE. Days are UTC days of exactly 86,400 seconds.

const (
	second Instant = 1000
	minute         = 60 * second
	hour           = 60 * minute
	day            = 24 * hour

	// MaxYear bounds the years that can be read, -MaxYear to MaxYear: what a
	// JavaScript Date can hold, rounded down.
	MaxYear = 271_000
)

// Open ends as numbers; see Period.Limits.
const (
	past   Instant = math.MinInt64
	future Instant = math.MaxInt64
)

// Date returns the first instant of a day in UTC. A month outside 1-12 or a day
// outside the month carries over, as in time.Date. Years within ±MaxYear are exact.
func Date(year, month, dayOfMonth int) Instant {
	y, m := int64(year), int64(month)-1
	y += floorDiv(m, 12)
	m -= 12 * floorDiv(m, 12)
	// Years that begin in March put the leap day last: the months then follow
	// the pattern 31 30 31 30 31, and 400 years are always 146,097 days.
	m -= 2
	if m < 0 {
		m += 12
		y--
	}
	era := floorDiv(y, 400)
	y -= era * 400
	days := era*146_097 + y*365 + y/4 - y/100 + (153*m+2)/5 + int64(dayOfMonth) - 1 - 719_468
	return Instant(days) * day
}

// civil returns the day in UTC that i lies in: the inverse of Date.
func civil(i Instant) (year, month, dayOfMonth int) {
	days := floorDiv(int64(i), int64(day)) + 719_468
	if 0 <= days && days < 1<<28 {
		return civilFast(uint32(days))
	}
	era := floorDiv(days, 146_097)
	d := days - era*146_097
	y := (d - d/1460 + d/36_524 - d/146_096) / 365
	d -= 365*y + y/4 - y/100
	m := (5*d + 2) / 153
	d -= (153*m + 2) / 5
	if m >= 10 {
		y++
		m -= 12
	}
	return int(era*400 + y), int(m) + 3, int(d) + 1
}

// civilFast returns the day that is so many days after 0000-03-01, less than 1<<28, by
// multiplications in the place of divisions (Neri and Schneider, Euclidean affine functions
// and their application to calendar algorithms, 2022, §6).
func civilFast(days uint32) (year, month, dayOfMonth int) {
	century := 4*days + 3
	inCentury := (century%146_097)/4*4 + 3
	years := 2_939_745 * uint64(inCentury)
	inYear := uint32(years) / 2_939_745 / 4
	months := 2141*inYear + 197_913
	year, month, dayOfMonth = int(100*(century/146_097))+int(years>>32), int(months>>16), int(months&0xffff/2141)+1
	if inYear >= 306 {
		return year + 1, month - 12, dayOfMonth
	}
	return year, month, dayOfMonth
}

func daysIn(year, month int) int {
	return int((Date(year, month+1, 1) - Date(year, month, 1)) / day)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// A unit is the precision of a date as it was written. Besides those named, it
// is the code of a season or other part of a year (ISO 8601-2 §4.8, 21 to 41).
type unit uint8

const (
	byTime unit = iota + 1 // a date-time, to the millisecond
	byDay
	byMonth
	byYear
)

// after returns the first instant after the part of size u that begins at i.
func (u unit) after(i Instant) Instant {
	y, m, d := civil(i)
	switch u {
	case byTime:
		return i + 1
	case byDay:
		return Date(y, m, d+1)
	case byMonth:
		return Date(y, m+1, 1)
	case byYear:
		return Date(y+1, 1, 1)
	}
	_, months := u.months()
	return Date(y, m+months, 1)
}

// floor returns the first instant of the part of size u in which i lies; u is
// one of the four named units.
func (u unit) floor(i Instant) Instant {
	y, m, d := civil(i)
	switch u {
	case byDay:
		return Date(y, m, d)
	case byMonth:
		return Date(y, m, 1)
	case byYear:
		return Date(y, 1, 1)
	}
	return i
}

// months returns the first month of a part of a year and its length in months.
// Seasons are those of meteorology, whole months. Codes 21 to 24 name no place
// and are read as northern ones, like 25 to 28; 29 to 32 are southern. A winter
// (in the south, a summer) belongs to the year in which it begins.
func (u unit) months() (first, n int) {
	switch {
	case u < 29: // spring, summer, autumn, winter
		return 3 + 3*((int(u)-21)%4), 3
	case u < 33: // the same in the south
		return 3 + 3*((int(u)-29+2)%4), 3
	case u < 37: // quarters
		return 1 + 3*(int(u)-33), 3
	case u < 40: // thirds
		return 1 + 4*(int(u)-37), 4
	}
	return 1 + 6*(int(u)-40), 6 // halves
}
