from wards.management.scheduled import ScheduledJob


class Command(ScheduledJob):
    pass
