def test_factory(make):
    station = make.station()
    shift = make.shift(station)
    manager = make.manager(station)
    assert make.actor(manager).holds("station_manager", station.id)
    assert shift.public_id
