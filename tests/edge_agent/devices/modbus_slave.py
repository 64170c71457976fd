"""A Modbus-RTU slave made with pymodbus, as a program: `modbus_slave.py PORT SLAVE`; each line on stdin sets registers.

A line is `ADDRESS WORD…`; `ready` is printed once the port is open and after each line.
"""

import asyncio
import sys

from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice


async def main(port: str, slave: int) -> None:
    registers = SimData(0, values=[0] * 64, datatype=DataType.REGISTERS)
    server = ModbusSerialServer(SimDevice(slave, simdata=[registers]), port=port, baudrate=9600)
    await server.serve_forever(background=True)
    loop = asyncio.get_running_loop()
    while True:
        print("ready", flush=True)
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        address, *words = (int(part) for part in line.split())
        await server.async_setValues(slave, 16, address, words)


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
